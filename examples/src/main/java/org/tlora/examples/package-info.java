/** Short programs on the library; each does one thing, and takes paths as its arguments. */
package org.tlora.examples;
