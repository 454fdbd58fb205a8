/** Rows of files to examples, examples to token ids and labels, and those to packed batches. */
package org.tlora.data;
