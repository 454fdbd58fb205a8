/**
 * The forms in which a frozen matrix is held: one class each, behind {@link
 * org.tlora.model.weight.Weight}. Layers ask for products and never for the form; {@link
 * org.tlora.model.weight.WeightForms} is the list of those that a loaded model can be brought to.
 */
package org.tlora.model.weight;
