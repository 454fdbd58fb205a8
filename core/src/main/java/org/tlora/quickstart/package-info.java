/**
 * The main job in small: a tiny Llama that this project has pretrained on word games, which it
 * generates itself, and a game that the model has not seen.
 */
package org.tlora.quickstart;
