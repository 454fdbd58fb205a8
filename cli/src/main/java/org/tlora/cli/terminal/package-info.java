/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The terminal. {@link org.tlora.cli.terminal.Progress} listens to a run and shows a bar where
 * there is a terminal and lines elsewhere; {@link org.tlora.cli.terminal.TextStream} prints an
 * answer while it is written; {@link org.tlora.cli.terminal.PreviewText} shows a row with what is
 * learned of it; {@link org.tlora.cli.terminal.NativeErrors} says in words what a native library
 * failed with.
 *
 * <p>{@link org.tlora.cli.terminal.StopRequest} is Ctrl-C: a shutdown hook sets the signal that the
 * run asks, then holds the process until the thread that runs has come to its end, at most ten
 * minutes. Progress is told on a listener's thread, and prints to standard error alone.
 *
 * <p>Nothing here decides what a run does. May use {@code data.encode}, {@code engine}, {@code
 * fault}, {@code generate}, {@code run} and {@code text}; {@code cli.option}, {@code cli.command}
 * and {@code cli} depend on it.
 */
package org.tlora.cli.terminal;
