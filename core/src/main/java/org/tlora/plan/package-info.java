/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a run will take, without running it. A {@link org.tlora.plan.Planner} lets the run's own
 * code run on the meta device, where tensors have shapes and no numbers, with an {@link
 * org.tlora.engine.Footprint} that counts bytes and computations: a micro-batch or two, a few
 * samples of a calibration, the start of every layer. There is no second description of what a
 * model keeps, so that none can fall behind. A {@link org.tlora.engine.Speed} says how long that
 * takes on this machine. {@link org.tlora.run.RunPlan} is what comes of it, and a {@link
 * org.tlora.run.Fitting} has settings whose plan fits.
 *
 * <p>May use {@code tune} and everything below it; the façade depends on it.
 */
package org.tlora.plan;
