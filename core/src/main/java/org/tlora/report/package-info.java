/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The page that a run leaves to read. {@link org.tlora.report.TuningReport} makes {@code
 * report.html} of a run that has ended: figures, curves of the losses, ranks, alphas and spectra of
 * all layers, a few rows with what the base and the tuned model say of them, and what the run was
 * made of. {@link org.tlora.report.Report} is the contents of any such page, sections of tables,
 * charts, heat maps and samples; {@link org.tlora.report.HtmlReport} renders it as one file that
 * loads nothing else and in which every text is escaped. {@link org.tlora.report.LiveReport} is the
 * page of a run that goes on. {@link org.tlora.report.LossCurves} and {@link
 * org.tlora.report.AllocationMap} make charts of what runs have. {@link org.tlora.report.RowsPage}
 * is another such file, about rows as a model sees them.
 *
 * <p>A job, its inputs, the fine-tuning and its result come in and stay the caller's; a file goes
 * out. The model is run for the rows that are shown, in the calling thread. A run does not know
 * that there is a report: it is written above it, once it is over.
 *
 * <p>May use {@code fault}, {@code card}, {@code format}, {@code model}, {@code peft}, {@code run},
 * {@code train} and {@code tune}; {@code compare}, {@code quickstart} and {@code cli.command}
 * depend on it.
 */
package org.tlora.report;
