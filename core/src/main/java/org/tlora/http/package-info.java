/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What requests over a network have in common. {@link org.tlora.http.Retries} runs an attempt again
 * where a cut connection or a busy server may let it pass the next time, after waits that double.
 *
 * <p>An attempt comes in as code that throws; its answer goes out, or the last failure, which the
 * caller explains. Waits are slept by the calling thread, and end when it is interrupted.
 *
 * <p>May use nothing; {@code hub}, {@code track} and {@code evaluate.judge} depend on it.
 */
package org.tlora.http;
