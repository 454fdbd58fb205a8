/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The methods, one file each. {@link org.tlora.peft.method.PeftMethods} is the list and the only
 * class here that others may name, which a test holds: command line, training, saving, comparisons
 * and reports go through {@link org.tlora.peft.PeftMethod}. A class says in its comment where its
 * adapters start and whose work that is.
 *
 * <p>Statistics and layers come in, plans and adapters go out, as {@code peft} describes it. Most
 * methods differ only in the factors that a {@link org.tlora.peft.adapter.LowRankAdapter} starts
 * with. {@code AdaLora} also has a rule around the steps ({@code AdaLoraBudget}), and {@code
 * FullFineTuning} has no adapter at all. What two methods share has a class of its own here ({@code
 * RankBudget}, {@code KaimingUniform}).
 *
 * <p>May use {@code autograd}, {@code calibrate}, {@code engine}, {@code fault}, {@code model},
 * {@code peft}, {@code peft.adapter} and {@code train}; {@code compare}, {@code quickstart} and
 * {@code cli.option} depend on it, each for the list alone. docs/adding-a-method.md adds one.
 */
package org.tlora.peft.method;
