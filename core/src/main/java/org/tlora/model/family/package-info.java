/**
 * Model families, one file each: which architectures they are, how their configuration reads, and
 * how GGUF files name their tensors. {@link org.tlora.model.family.Families} is the list.
 */
package org.tlora.model.family;
