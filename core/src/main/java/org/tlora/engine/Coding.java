/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

/**
 * How a matrix is held in codes.
 *
 * @param code as {@link CodedMatrix#code} names it
 * @param bytes of memory that it takes
 */
public record Coding(String code, long bytes) {}
