/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reverse-mode differentiation, with what fine-tuning needs and no more. A {@link
 * org.tlora.autograd.Variable} is a value in a pass, with its gradient on the way back; a {@link
 * org.tlora.autograd.Parameter} is a float32 tensor that trains, under its name on disk; a {@link
 * org.tlora.autograd.Tape} is the list of the operations of one pass.
 *
 * <p>There is no catalogue of operations here. Whoever computes something records it: the output,
 * what to do on the way back, and which tensors that needs. The tape keeps handles of its own on
 * those and closes them as soon as they were used, so memory falls while the way back is gone.
 * {@code backward} goes through the list once, leaves gradients in the parameters, and empties the
 * tape. Frozen weights are no variables and cost nothing; a tape that is off records nothing.
 * {@link org.tlora.autograd.Recomputed} runs a part of a pass without recording and again on the
 * way back, to keep its input alone.
 *
 * <p>A tape and its variables belong to the thread of the pass. A parameter belongs to the adapter
 * or weight that made it, which closes it. May use only {@code engine}; the model, objectives,
 * calibration, training, adapters and what assembles them depend on it.
 */
package org.tlora.autograd;
