/** MT-Bench: conversations of two turns, judged by another model. */
package org.tlora.evaluate.judge;
