/* SPDX-License-Identifier: Apache-2.0 */
/** Jobs that are run by hand: measurements, and the pretraining of the quickstart's model. */
package org.tlora.benchmarks;
