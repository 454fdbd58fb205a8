/* SPDX-License-Identifier: Apache-2.0 */
/** Short programs on the library; each does one thing, and takes paths as its arguments. */
package org.tlora.examples;
