/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The library under {@code org.tlora}: what its façade is made of.
 *
 * <p>Exported to everybody is what methods, families of models, objectives and listeners of your
 * own are made of; the rest is for the modules of this project alone, and may change at any time.
 */
@SuppressWarnings("module") // the modules that it names depend on it, and are compiled later
module org.tlora.core {
  requires org.tlora.vector;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.pytorch;
  requires org.bytedeco.openblas;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.csv;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires ai.djl.tokenizers;
  requires ai.djl.api;
  requires com.github.luben.zstd_jni;
  requires com.samskivert.jmustache;
  requires java.net.http;
  requires java.management;
  requires jdk.management;

  // what methods, objectives, optimizers and listeners of your own are made of
  exports org.tlora.autograd;
  exports org.tlora.calibrate;
  exports org.tlora.collective;
  exports org.tlora.data;
  exports org.tlora.engine;
  exports org.tlora.fault;
  exports org.tlora.generate;
  exports org.tlora.model;
  exports org.tlora.model.family;
  exports org.tlora.model.weight;
  exports org.tlora.objective;
  exports org.tlora.peft;
  exports org.tlora.peft.adapter;
  exports org.tlora.peft.combine;
  exports org.tlora.peft.delta;
  exports org.tlora.peft.method;
  exports org.tlora.run;
  exports org.tlora.train;

  // what this project's other modules are made of
  exports org.tlora.card to
      org.tlora,
      org.tlora.evaluate;
  exports org.tlora.constrain to
      org.tlora;
  exports org.tlora.checkpoint to
      org.tlora,
      org.tlora.evaluate,
      org.tlora.serve;
  exports org.tlora.data.encode to
      org.tlora,
      org.tlora.evaluate;
  exports org.tlora.data.file to
      org.tlora,
      org.tlora.evaluate;
  exports org.tlora.data.format to
      org.tlora,
      org.tlora.evaluate;
  exports org.tlora.export to
      org.tlora;
  exports org.tlora.format to
      org.tlora,
      org.tlora.evaluate,
      org.tlora.serve;
  exports org.tlora.http to
      org.tlora.evaluate;
  exports org.tlora.hub to
      org.tlora;
  exports org.tlora.loading to
      org.tlora;
  exports org.tlora.peft.disk to
      org.tlora;
  exports org.tlora.plan to
      org.tlora;
  exports org.tlora.pretrained to
      org.tlora,
      org.tlora.evaluate;
  exports org.tlora.report to
      org.tlora,
      org.tlora.evaluate,
      org.tlora.serve;
  exports org.tlora.share to
      org.tlora;
  exports org.tlora.text to
      org.tlora,
      org.tlora.evaluate;
  exports org.tlora.text.chat to
      org.tlora,
      org.tlora.evaluate;
  exports org.tlora.toolcall to
      org.tlora;
  exports org.tlora.track to
      org.tlora;
  exports org.tlora.tune to
      org.tlora,
      org.tlora.evaluate;
}
