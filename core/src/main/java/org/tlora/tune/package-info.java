/** Whole jobs, from a model and rows of text to an adapter on disk. */
package org.tlora.tune;
