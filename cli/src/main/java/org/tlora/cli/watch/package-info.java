/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A page of runs, whether they go on or have ended, one over the other. {@link
 * org.tlora.cli.watch.WatchServer} listens; {@code RunList} finds runs in the directories that were
 * named; each is a {@code WatchedRun}, which reads what has come into {@code metrics.jsonl} ({@code
 * MetricsTail}), keeps the numbers that are drawn ({@code Points}) and tells how the run stands
 * ({@code RunState}); {@code News} is what a page that has asked does not know yet, as JSON.
 *
 * <p>Directories come in, JSON and pages go out. Nothing is written, no path comes from a client,
 * and of a directory only the files of a run are read, where they are files and no links.
 *
 * <p>May use {@code serve.http}, {@code report} for a run's own page, and what tells a run's state
 * and options in {@code cli.look} and {@code cli.option}; {@code cli.command} depends on it.
 */
package org.tlora.cli.watch;
