/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a fine-tuning method is. A {@link org.tlora.peft.PeftMethod} names itself and its options
 * ({@link org.tlora.peft.MethodOption}), says which statistics it needs, shares out rank and alpha
 * over the {@link org.tlora.peft.Targets} as a {@link org.tlora.peft.LayerPlan} for each, starts an
 * adapter on a layer or goes on from a stored one, and may add a rule around the steps. {@link
 * org.tlora.peft.PeftOptions} are the values that a user gave. {@link org.tlora.peft.TargetModules}
 * chooses the layers by name, and {@link org.tlora.peft.BudgetAllocation} shares a budget out by
 * scores.
 *
 * <p>Statistics of {@code calibrate} and linear layers come in; adapters go out and belong to the
 * caller. A method keeps no state between calls: what a run needs to remember is in its adapters or
 * its rule. Layers may be started by several threads at once, each with a random generator of its
 * own.
 *
 * <p>May use {@code calibrate}, {@code engine}, {@code fault}, {@code model}, {@code peft.adapter}
 * and {@code train}; {@code peft.method} implements it, and {@code peft.disk}, whole jobs, reports,
 * comparisons, the quickstart and the command line depend on it without knowing a single method.
 */
package org.tlora.peft;
