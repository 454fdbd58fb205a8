/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One pass over samples of the task, before training, that gathers what a method asks to know about
 * each linear layer. {@link org.tlora.calibrate.Statistic} lists what can be asked: covariance and
 * second moment of a layer's input, sensitivity, mean gradient. {@link
 * org.tlora.calibrate.Calibration} runs it, by a plan that names the objective, and {@link
 * org.tlora.calibrate.Statistics} is what comes out.
 *
 * <p>Samples run in their order through the frozen model, without adapters, as many in a pass as
 * memory suggests; what is gathered is that of each by itself. A {@link
 * org.tlora.model.LinearObserver} sees what goes into each layer and the gradient of what comes
 * out; a weight's gradient exists for one sample and layer at a time. Where nothing needs the way
 * back, it is not gone. Numbers stay where they are computed during a pass and come to the host
 * behind it. The result owns its tensors and is closed by whoever asked for it; layers that share
 * their input share a tensor. A {@link org.tlora.run.StopSignal} ends a pass without a result, and
 * a rule of the caller's may end it early with one.
 *
 * <p>May use {@code autograd}, {@code data.encode}, {@code engine}, {@code fault}, {@code model},
 * {@code objective} and {@code run}; methods, whole jobs, comparisons and the quickstart depend on
 * it.
 */
package org.tlora.calibrate;
