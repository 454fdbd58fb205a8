/**
 * Transformer decoders: one implementation with small declared differences, running over packed
 * rows {@code [tokens, hidden]}. Linear layers are slots that may carry an {@link
 * org.tlora.model.Adapter} and may be watched by a {@link org.tlora.model.LinearObserver}.
 */
package org.tlora.model;
