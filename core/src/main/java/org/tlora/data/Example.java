package org.tlora.data;

/**
 * An instruction and the response to learn.
 *
 * @param where the row it comes from, for messages
 */
public record Example(String instruction, String response, String where) {}
