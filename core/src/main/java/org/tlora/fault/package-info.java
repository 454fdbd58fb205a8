/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Faults that the user can do something about. A {@link org.tlora.fault.Fault} carries one line:
 * what is wrong, where it is (file, row, tensor, option) and what to do. It is sealed, with one
 * class for each kind: {@link org.tlora.fault.UsageFault} where the command line or the
 * configuration is wrong, {@link org.tlora.fault.InputFault} where a model, an adapter or data are,
 * and {@link org.tlora.fault.RunFault} where a run cannot go on, since memory or disk are full or
 * the loss is not finite. Every kind says the exit status that the command line ends with.
 *
 * <p>Any package throws them. Nothing in the library prints them: they go up to the caller, and in
 * the program to its main class, which prints the line. An exception of any other class is a
 * mistake in this project, or comes out of a native library. {@link org.tlora.fault.Float32}
 * refuses numbers of options that float32 cannot hold, so that they are refused where they come in;
 * {@link org.tlora.fault.Nearest} finds what a mistyped name was meant to be.
 *
 * <p>Depends on nothing; nearly every other package depends on it, whereas those that cannot meet a
 * mistake of the user ({@code autograd}, {@code collective}, {@code objective}, {@code run}) do
 * without.
 */
package org.tlora.fault;
