/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Whether a machine can train, and what will be slow on it. An {@link
 * org.tlora.cli.doctor.Examination} goes through checks, a class each ({@code JavaCheck}, {@code
 * MemoryCheck}, ...), which find things that are well, that could be better, or that keep it from
 * training, each with advice.
 *
 * <p>The native libraries are loaded by another process ({@code Probe}), which says what they are
 * ({@link org.tlora.cli.doctor.LibraryReport}): one that is damaged ends that process alone. Files
 * of the system are read below a root, so that tests can have machines of their own. Nothing is
 * changed but that the libraries are unpacked where they were not yet; the hub is asked once, for a
 * few seconds, without the token.
 *
 * <p>May use {@code engine}, {@code hub}, {@code text}, {@code vector}, {@code format}, {@code
 * fault} and {@code cli.terminal}; {@code cli.command} depends on it.
 */
package org.tlora.cli.doctor;
