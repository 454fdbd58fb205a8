/** Tasks that score a model: what is asked, when an answer ends, what counts as right. */
package org.tlora.evaluate;
