/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The TLoRA paper's experiments as protocols: which rows, prompts, hyper-parameters and graders, and
 * the paper's numbers beside those of a run. A protocol is a file {@code protocols/NAME.yaml} and a
 * line in {@link org.tlora.cli.reproduce.Protocol}.
 */
package org.tlora.cli.reproduce;
