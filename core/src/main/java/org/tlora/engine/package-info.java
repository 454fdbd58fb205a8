/**
 * The only package that touches libtorch: loading it, threads, processor features, tensors and who
 * owns them, seeded random numbers, linear algebra. Everything above speaks {@link
 * org.tlora.engine.Tensor}.
 */
package org.tlora.engine;
