/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Options that several commands share, as groups that a command mixes in, and what they mean for
 * the library. {@link org.tlora.cli.option.JobOptions} and {@link
 * org.tlora.cli.option.MethodChoice} make a job; {@link org.tlora.cli.option.AdapterChoice} loads a
 * model, with or without an adapter, as a {@link org.tlora.LanguageModel}; {@link
 * org.tlora.cli.option.EngineOptions}, {@link org.tlora.cli.option.RowOptions}, {@link
 * org.tlora.cli.option.SamplingOptions}, {@link org.tlora.cli.option.WeightsOption} and {@link
 * org.tlora.cli.option.JudgeOptions} are what their names say. {@link
 * org.tlora.cli.option.MethodOptions} puts the options that methods declare on the command line, so
 * that a new method needs nothing here.
 *
 * <p>Texts come in and values of the library go out, or a {@link org.tlora.fault.UsageFault} that
 * names the option. {@link org.tlora.cli.option.RunYaml} reads a file of options as defaults, which
 * the command line overrides, and writes what a run resolved to; {@link
 * org.tlora.cli.option.EnvironmentOptions} and {@link org.tlora.cli.option.Recipes} are such
 * sources too, which {@link org.tlora.cli.option.OptionSources} puts one behind the other. {@link
 * org.tlora.cli.option.RunSchema} is the schema of such a file, {@link
 * org.tlora.cli.option.StartFile} the text of one to begin with. A loaded model belongs to the
 * command that asked for it.
 *
 * <p>May use what it makes values of, up to {@code tune} and {@code evaluate.judge}, the hub, and
 * {@code cli.terminal}; {@code cli.command} and {@code cli} depend on it.
 */
package org.tlora.cli.option;
