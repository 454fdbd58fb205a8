/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

/**
 * A file that a client has sent, or a job has made.
 *
 * @param createdAt seconds since 1970
 * @param filename without a directory
 */
public record StoredFile(String id, long createdAt, long bytes, String filename, String purpose) {}
