/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The main job in small, to see that everything works and what it looks like. {@link
 * org.tlora.quickstart.TinyModel} unpacks a Llama of 1.6 million parameters over bytes that comes
 * with the library; {@link org.tlora.quickstart.WordGames} makes questions and answers about words,
 * some of the kinds that it was pretrained on and one that it has never met. {@link
 * org.tlora.quickstart.Quickstart} fine-tunes it on the latter with LoRA and with TLoRA, and
 * compares them.
 *
 * <p>Nothing but an output directory and listeners comes in: no download, no file of the user's. A
 * table to print and a directory with the model, both adapters and a page go out. It opens and
 * closes all that it uses, and runs in the calling thread. Writing the model untrained, or trained,
 * is for the program that pretrained it.
 *
 * <p>May use {@code autograd}, {@code calibrate}, {@code data.encode}, {@code data.format}, {@code
 * engine}, {@code fault}, {@code format}, {@code generate}, {@code model}, {@code peft}, {@code
 * peft.method}, {@code pretrained}, {@code report}, {@code run}, {@code text}, {@code train} and
 * {@code tune}; only {@code cli.command} depends on it.
 */
package org.tlora.quickstart;
