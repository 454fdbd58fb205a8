/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The program {@code tlora}. {@link org.tlora.cli.Main} puts the commands of {@code cli.command}
 * together, runs the one that is asked for, and turns whatever goes wrong into one line on standard
 * error and an exit status. Before that, a first look at the arguments ({@code Configuration})
 * finds what else gives options: the environment, {@code --config}, a recipe; names that there are
 * not are told with those that were meant ({@code UnknownNames}). Faults bring their status with
 * them; other exceptions, native libraries' among them, are put in words first. {@code --debug}
 * adds the stack trace.
 *
 * <p>Arguments come in, and a status goes out. Results go to standard output, progress and messages
 * to standard error, so that output can be piped. A command runs in the main thread. After Ctrl-C
 * the process waits until that thread has written what it had to.
 *
 * <p>May use {@code cli.command}, {@code cli.option}, {@code cli.terminal} and {@code fault};
 * nothing depends on it.
 */
package org.tlora.cli;
