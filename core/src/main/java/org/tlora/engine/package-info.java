/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The only package that touches libtorch. {@link org.tlora.engine.Engine} loads it, once for the
 * process, and sets threads. {@link org.tlora.engine.Tensor} is a handle on numbers in native
 * memory; {@link org.tlora.engine.DType} and {@link org.tlora.engine.Device} say of what type they
 * are and where. {@link org.tlora.engine.Random} draws numbers that are the same for a seed on
 * every machine, {@link org.tlora.engine.LinearAlgebra} decomposes in float64, {@link
 * org.tlora.engine.Attention} and {@link org.tlora.engine.Int8Matrix} are computations that
 * libtorch has kernels of their own for. {@link org.tlora.engine.Cores}, {@link
 * org.tlora.engine.MachineMemory} and {@link org.tlora.engine.NativeReport} say what there is to
 * compute with.
 *
 * <p>Handles are owned. One that is made belongs to the innermost open {@link
 * org.tlora.engine.Scope} of its thread and is closed with it; without a scope it belongs to the
 * caller. {@code keep} hands one to the scope around, {@code alias} makes a second handle on the
 * same storage, and {@code detachFromScope} is for what lives longer. Storage goes with its last
 * handle; the garbage collector has no part in it. Methods that end in {@code InPlace} change their
 * tensor, all others return a new one.
 *
 * <p>A scope belongs to the thread that opened it. {@link org.tlora.engine.Parallel} runs small
 * pieces of work side by side, with kernels of one thread each; results do not depend on the number
 * of threads. May use only {@code fault}; everything that computes depends on it, and nothing else
 * knows the binding, which a test holds.
 */
package org.tlora.engine;
