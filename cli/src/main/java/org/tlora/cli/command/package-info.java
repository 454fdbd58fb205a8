/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The commands, one class each: {@link org.tlora.cli.command.TrainCommand}, {@link
 * org.tlora.cli.command.CalibrateCommand}, {@link org.tlora.cli.command.CompareCommand}, {@link
 * org.tlora.cli.command.EvaluateCommand}, {@link org.tlora.cli.command.GenerateCommand}, {@link
 * org.tlora.cli.command.ChatCommand}, {@link org.tlora.cli.command.MergeCommand}, {@link
 * org.tlora.cli.command.ExportCommand}, {@link org.tlora.cli.command.AdaptersCommand} with its
 * three, {@link org.tlora.cli.command.InspectCommand}, {@link
 * org.tlora.cli.command.PreviewCommand}, {@link org.tlora.cli.command.InitCommand}, {@link
 * org.tlora.cli.command.SchemaCommand}, {@link org.tlora.cli.command.RecipesCommand}, {@link
 * org.tlora.cli.command.DoctorCommand} and {@link org.tlora.cli.command.QuickstartCommand}. A
 * command declares its own options, takes shared ones from {@code cli.option}, calls the library,
 * and prints. It computes nothing itself.
 *
 * <p>The parser fills the fields; {@code call} returns the exit status, or throws a fault for the
 * main class to print. A command closes all that it opens, in the order that {@code try} gives.
 *
 * <p>May use the library, {@code cli.look}, {@code cli.doctor}, {@code cli.option} and {@code
 * cli.terminal}; only {@code cli} depends on it, to list the commands.
 */
package org.tlora.cli.command;
