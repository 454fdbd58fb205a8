/** The command line: one small class a command that parses, calls the library, and prints. */
package org.tlora.cli;
