/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The few messages that TensorBoard is told by, with the numbers that their fields have in
 * TensorFlow's {@code event.proto} and {@code summary.proto} and in TensorBoard's hparams plugin.
 */
final class Events {
  private static final int STRING = 7; // DataType.DT_STRING
  private static final int TENSOR = 2; // DataClass.DATA_CLASS_TENSOR
  private static final int START = 1; // SessionLog.SessionStatus.START
  private static final String HPARAMS = "hparams";

  private Events() {}

  private static Proto event(double wallSeconds, long step) {
    return new Proto().float64(1, wallSeconds).whole(2, step);
  }

  /** The first of a file. */
  static Proto version(double wallSeconds) {
    return new Proto().float64(1, wallSeconds).text(3, "brain.Event:2");
  }

  /** A run goes on at a step: what was told of it and later ones does not count any more. */
  static Proto goesOn(double wallSeconds, long step) {
    return event(wallSeconds, step).message(7, new Proto().whole(1, START));
  }

  /** Numbers by tag. */
  static Proto scalars(double wallSeconds, long step, Map<String, Double> values) {
    Proto summary = new Proto();
    values.forEach(
        (tag, value) ->
            summary.message(1, new Proto().text(1, tag).float32(2, value.floatValue())));
    return event(wallSeconds, step).message(5, summary);
  }

  /** A text, in Markdown. */
  static Proto text(double wallSeconds, long step, String tag, String text) {
    Proto shape = new Proto().message(2, new Proto().whole(1, 1));
    Proto tensor = new Proto().whole(1, STRING).message(2, shape);
    tensor.bytes(8, text.getBytes(StandardCharsets.UTF_8));
    Proto value = new Proto().text(1, tag).message(9, metadata("text", null));
    value.message(8, tensor);
    return event(wallSeconds, step).message(5, new Proto().message(1, value));
  }

  private static Proto metadata(String plugin, Proto content) {
    Proto data = new Proto().text(1, plugin);
    if (content != null) {
      data.message(2, content);
    }
    return new Proto().message(1, data).whole(4, TENSOR);
  }

  /** The options of a run, of which those that are numbers are compared as such. */
  static Proto hparams(double wallSeconds, String group, Map<String, String> options) {
    Proto info = new Proto();
    options.forEach(
        (name, value) -> info.message(1, new Proto().text(1, name).message(2, value(value))));
    info.text(4, group).float64(5, wallSeconds);
    return session(wallSeconds, "session_start_info", new Proto().message(3, info));
  }

  /** How a run has ended. */
  static Proto ended(double wallSeconds, boolean well) {
    Proto info = new Proto().whole(1, well ? 1 : 2).float64(2, wallSeconds);
    return session(wallSeconds, "session_end_info", new Proto().message(4, info));
  }

  private static Proto session(double wallSeconds, String name, Proto content) {
    Proto value = new Proto().text(1, "_hparams_/" + name);
    value.message(9, metadata(HPARAMS, content));
    value.message(8, new Proto().whole(1, 1).message(2, new Proto())); // an empty tensor
    return event(wallSeconds, 0).message(5, new Proto().message(1, value));
  }

  /** As google.protobuf.Value. */
  private static Proto value(String text) {
    if (text.equals("true") || text.equals("false")) {
      return new Proto().whole(4, text.equals("true") ? 1 : 0);
    }
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? new Proto().float64(2, number) : new Proto().text(3, text);
    } catch (NumberFormatException e) {
      return new Proto().text(3, text);
    }
  }
}
