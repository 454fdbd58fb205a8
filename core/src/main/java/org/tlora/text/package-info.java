/** Text to token ids and back, and the prompt templates around instructions. */
package org.tlora.text;
