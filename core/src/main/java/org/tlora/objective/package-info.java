/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a batch loses. A model gives hidden states and likelihoods; an {@link
 * org.tlora.objective.Objective} makes one number of them, to which the way back leads. {@link
 * org.tlora.objective.CrossEntropy} is for tokens and classes, {@link
 * org.tlora.objective.SquaredError} for rows that are labelled with a number, and {@link
 * org.tlora.objective.Objectives} chooses between them where nobody says otherwise. A new one
 * (pairs that are preferred, tokens with weights) is a class here or in a user's own code, and
 * nothing else changes.
 *
 * <p>Encoded rows and a {@link org.tlora.objective.Forward} come in. The latter has the model, the
 * tape, the adapters and what else a pass needs, and makes one pass of them for each batch that the
 * objective forms, or one of the base alone to compare with. A loss of shape [1] goes out and
 * belongs to the caller's scope. The caller divides a step into micro-batches and processes; so an
 * objective returns a sum over its rows, divided by the divisor that it is given, and {@code
 * weight} says what a row adds to that divisor.
 *
 * <p>Objectives have no state and run in the thread that trains. May use {@code autograd}, {@code
 * data.encode}, {@code data.format}, {@code engine} and {@code model}; {@code calibrate}, {@code
 * train} and {@code tune} depend on it.
 */
package org.tlora.objective;
