/**
 * What a batch loses. A model gives hidden states and likelihoods, an {@link
 * org.tlora.objective.Objective} makes a loss of them; a new one (pairs that are preferred, tokens
 * with weights) is a class here or in a user's own code, and nothing else changes.
 *
 * <p>Used by training and calibration; uses the model and encoded rows, and nothing above.
 */
package org.tlora.objective;
