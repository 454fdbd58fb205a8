/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.Tensor;

/**
 * An adapter as one product.
 *
 * @param a [rank, in] float32
 * @param b [out, rank] float32, with the scaling in it
 */
public record LowRankFactors(Tensor a, Tensor b) {}
