/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Loops that bring codes of few bits back to numbers, and multiply rows. There are two kinds with
 * the same results: plain ones, and ones on {@code jdk.incubator.vector}, which a program has that
 * is started with {@code --add-modules jdk.incubator.vector}.
 */
package org.tlora.vector;
