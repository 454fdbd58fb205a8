/** One exception for each kind of fault, with the exit status that the command line gives it. */
package org.tlora.fault;
