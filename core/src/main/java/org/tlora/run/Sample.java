/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.run;

/**
 * A prompt and what a model makes of it.
 *
 * @param reference what was to be said, or null where nobody knows
 * @param text what it says
 */
public record Sample(String prompt, String reference, String text) {}
