/**
 * Reverse-mode differentiation over tensors, with what a fine-tuning run needs and no more: every
 * operation says itself what it keeps for the way back and frees it there, frozen weights cost
 * nothing, and a part of the graph can be recomputed instead of kept.
 */
package org.tlora.autograd;
