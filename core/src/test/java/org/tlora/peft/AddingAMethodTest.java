package org.tlora.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.quickstart.TinyModels;
import org.tlora.train.Schedule;
import org.tlora.train.StepMetrics;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingListener;
import org.tlora.train.TrainingOptions;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** The worked example of docs/adding-a-method.md compiles as it stands there and trains. */
class AddingAMethodTest {
  private static final Path PAGE =
      Path.of(System.getProperty("tlora.root", ".."), "docs", "adding-a-method.md");

  @TempDir private Path directory;

  @Test
  void theWorkedExampleCompilesTrainsAndSaves() throws Exception {
    try (URLClassLoader loader = compiled();
        TinyModels tiny = new TinyModels(directory.resolve("model"), DType.FLOAT32)) {
      PeftMethod method =
          (PeftMethod)
              loader
                  .loadClass("org.tlora.peft.method.LoraFa")
                  .getDeclaredConstructor()
                  .newInstance();
      PeftOptions options = new PeftOptions(4, true, 8, 0, Map.of("lora-fa-deviation", "0.05"));
      FineTuning tuning = Tunings.start(tiny.model(), method, options, List.of(), 1);
      float[] a = frozenA(tiny);
      List<Double> losses = train(tiny, tuning);
      assertTrue(losses.get(29) < 0.8 * losses.get(0), "" + losses);
      Path saved = Files.createDirectory(directory.resolve("saved"));
      tuning.write(saved, tiny.files());
      Tunings.attach(saved, tiny.model());
      assertEquals(0, java.util.Arrays.compare(a, frozenA(tiny)), "A never trains");
    }
  }

  private static float[] frozenA(TinyModels tiny) {
    return ((LowRankAdapter) tiny.model().linears().get(0).adapter()).a().toFloats();
  }

  private static List<Double> train(TinyModels tiny, FineTuning tuning) {
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(StepMetrics metrics, long totalSteps) {
            losses.add(metrics.loss());
          }

          @Override
          public void onEvaluation(long step, double loss) {}
        };
    TrainingOptions options =
        new TrainingOptions(30, 0, 8, 8, 1e-2, Schedule.LINEAR, 0, 0, 1, true, 0, false, 0, 3);
    new Trainer(tiny.model(), tuning.parameters(), tuning::rule, options, listener, () -> false)
        .train(tiny.rows(64), List.of());
    return losses;
  }

  private URLClassLoader compiled() throws Exception {
    String page = Files.readString(PAGE);
    int start = page.indexOf("```java\n") + "```java\n".length();
    String code = page.substring(start, page.indexOf("```", start));
    Path source = directory.resolve("LoraFa.java");
    Files.writeString(source, code);
    Path classes = Files.createDirectory(directory.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int status =
        compiler.run(
            null,
            null,
            null,
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            classes.toString(),
            source.toString());
    assertEquals(0, status, "the example compiles");
    return new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
  }
}
