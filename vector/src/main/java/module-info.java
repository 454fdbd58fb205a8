/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Loops over codes of few bits, on {@code jdk.incubator.vector} where a program has added it. That is
 * not named here, though it is read: compilers warn of it wherever a module that names it is used.
 */
module org.tlora.vector {
  exports org.tlora.vector;
}
