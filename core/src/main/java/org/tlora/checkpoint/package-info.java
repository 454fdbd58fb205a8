/**
 * What keeps a run: checkpoints that are there whole or not at all, when they are due, and a lock
 * on the output. Knows files, not what is in them.
 */
package org.tlora.checkpoint;
