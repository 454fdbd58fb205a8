/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Model families, one file each. A {@link org.tlora.model.family.ModelFamily} says which {@code
 * architectures} and which {@code model_type} of a {@code config.json} are its own, reads the rest
 * of that file as a {@link org.tlora.model.DecoderConfig}, and says how GGUF files store it. An
 * {@link org.tlora.model.family.EncoderFamily} does the first two for an {@link
 * org.tlora.model.EncoderConfig}. {@link org.tlora.model.family.Families} is the list, to which a
 * program adds its own. What most decoders have in common is in {@link
 * org.tlora.model.family.DecoderBuilder}; rotary embeddings, of which configurations speak in many
 * ways, are in {@code Ropes}.
 *
 * <p>A {@link org.tlora.model.family.HubConfig} comes in and a configuration goes out; no weight is
 * looked at. The former notes which fields were asked for. A field that nobody asked for, and that
 * is not known to be harmless, is named in its notices; a value that asks for something that is not
 * implemented is an {@link org.tlora.fault.InputFault}. Families have no state.
 *
 * <p>May use {@code fault}, {@code format} and {@code model}; {@code model.gguf}, {@code pretrained}
 * and {@code export} depend on it, and nothing names a single family.
 * docs/adding-a-family.md adds one.
 */
package org.tlora.model.family;
