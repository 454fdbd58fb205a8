/**
 * Processes that take the same steps. Whatever of a step is decided, counted or summed goes through
 * a {@link org.tlora.collective.Collective}, so that a run of several processes is written as a run
 * of one.
 */
package org.tlora.collective;
