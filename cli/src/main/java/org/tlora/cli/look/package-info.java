/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What there is to say about something that lies on a disk. {@link org.tlora.cli.look.Inspection}
 * finds out whether a path is a model, an adapter, a checkpoint, a run, tensors or rows, and has a
 * class for each ({@code ModelLook}, {@code AdapterLook}, ...) gather {@link
 * org.tlora.cli.look.Facts}: an object for programs and lines for people, of the same things, and
 * what is wrong. {@link org.tlora.cli.look.ShownRows} and {@link org.tlora.cli.look.SurveyLook} are
 * rows of data as training sees them, one by one and all together.
 *
 * <p>Paths and surveys come in, text and JSON go out. What can still be said of a damaged thing is
 * said before the damage is a fault. Nothing is written, and weights are not read, but those of
 * adapters.
 *
 * <p>May use what reads files, {@code report} for a page of rows, {@code cli.option} and {@code
 * cli.terminal}; {@code cli.command} depends on it.
 */
package org.tlora.cli.look;
