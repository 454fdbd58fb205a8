/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import java.util.Set;

/**
 * Fields of config.json that say nothing about what a model computes: where it came from, how it
 * was initialised, what transformers returns, how texts are drawn from it. Dropout is among them,
 * since the base's own is never applied.
 */
final class HarmlessFields {
  private static final Set<String> NAMES =
      Set.of(
          String.join(
                  " ",
                  // what it is and where it came from
                  "architectures model_type torch_dtype dtype transformers_version name_or_path",
                  "auto_map tokenizer_class unsloth_version unsloth_fixed is_llama_config",
                  "transformers.js_config language license finetuning_task model_max_length",
                  "quantization_config",
                  // initialisation and dropout
                  "initializer_range initializer_factor attention_dropout hidden_dropout",
                  "attention_probs_dropout_prob hidden_dropout_prob classifier_dropout",
                  "cls_dropout pooler_dropout embd_pdrop resid_pdrop attn_pdrop dropout",
                  "qa_dropout seq_classif_dropout sinusoidal_pos_embds",
                  // how transformers runs it and what that returns
                  "use_cache pretraining_tp output_attentions output_hidden_states return_dict",
                  "use_return_dict torchscript use_bfloat16 gradient_checkpointing",
                  "attn_implementation cache_implementation chunk_size_feed_forward",
                  "tf_legacy_loss output_past tie_encoder_decoder tie_weights_",
                  // labels, and what BERT's configurations say of heads that nobody reads
                  "id2label label2id num_labels problem_type task_specific_params",
                  "tie_word_embeddings directionality pooler_fc_size pooler_type",
                  "pooler_num_attention_heads pooler_num_fc_layers pooler_size_per_head legacy",
                  // tokens
                  "bos_token_id eos_token_id pad_token_id sep_token_id cls_token_id",
                  "unk_token_id mask_token_id decoder_start_token_id forced_bos_token_id",
                  "forced_eos_token_id",
                  // drawing
                  "max_length min_length max_new_tokens min_new_tokens do_sample",
                  "early_stopping num_beams num_beam_groups diversity_penalty temperature",
                  "top_k top_p typical_p repetition_penalty length_penalty",
                  "no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids",
                  "num_return_sequences output_scores return_dict_in_generate",
                  "remove_invalid_values exponential_decay_length_penalty suppress_tokens",
                  "begin_suppress_tokens prefix")
              .split(" "));

  private HarmlessFields() {}

  /** Whether a field is one; those with an underscore first are transformers' own notes. */
  static boolean has(String field) {
    return field.startsWith("_") || NAMES.contains(field);
  }
}
