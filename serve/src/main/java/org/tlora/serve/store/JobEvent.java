/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Something that happened to a job.
 *
 * @param id in the order in which they came
 * @param createdAt seconds since 1970
 * @param level info, warn or error
 * @param type message or metrics
 * @param data of metrics, numbers by their names
 */
public record JobEvent(
    long id, long createdAt, String level, String type, String message, ObjectNode data) {}
