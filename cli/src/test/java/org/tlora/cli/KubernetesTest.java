/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.collective.World;
import org.tlora.golden.Shared;
import picocli.CommandLine;

/** The manifests of deploy/k8s are what Kubernetes' own types have, and what our ranks read. */
class KubernetesTest {
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static List<JsonNode> documents(String name) throws IOException {
    Path file = Shared.repository().resolve("deploy/k8s").resolve(name);
    try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(file.toFile())) {
      return all.readAll();
    }
  }

  /** The object that a document is, which has all that the document says. */
  private static <T> T typed(JsonNode document, Class<T> type) throws IOException {
    T object = YAML.treeToValue(document, type);
    requireAll(document, YAML.valueToTree(object), type.getSimpleName());
    return object;
  }

  /** Types keep what they do not know apart, and write it again: a slip would go unseen. */
  private static void requireAll(JsonNode said, JsonNode read, String where) {
    if (said.isObject()) {
      said.properties()
          .forEach(
              e -> {
                assertTrue(read.has(e.getKey()), where + "." + e.getKey());
                requireAll(e.getValue(), read.get(e.getKey()), where + "." + e.getKey());
              });
    }
  }

  private static void requireKnown(Object part, String where) throws IOException {
    for (var property : YAML.valueToTree(part).properties()) {
      String name = property.getKey();
      String getter = "get" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
      boolean known =
          List.of(part.getClass().getMethods()).stream()
              .anyMatch(m -> m.getName().equalsIgnoreCase(getter));
      assertTrue(known, where + " has no " + name);
    }
  }

  /** Arguments that the command line knows, of a command that ranks share. */
  private static void requireCommand(List<String> arguments) {
    CommandLine program = new CommandLine(new Main());
    program.parseArgs(arguments.toArray(String[]::new));
    assertEquals("train", arguments.get(0));
    assertTrue(arguments.contains("--resume"), "pods that are started anew go on");
  }

  private static void requireRanks(PodSpec pod, JobSpec job, String hostName) throws IOException {
    requireKnown(pod, "the pod");
    requireKnown(job, "the job");
    Container container = pod.getContainers().get(0);
    requireKnown(container, "the container");
    requireCommand(container.getArgs());
    assertEquals("Indexed", job.getCompletionMode());
    assertEquals(job.getCompletions(), job.getParallelism());
    assertEquals(30L, pod.getTerminationGracePeriodSeconds());
    Map<String, String> variables = new LinkedHashMap<>();
    container.getEnv().forEach(e -> variables.put(e.getName(), e.getValue()));
    variables.put("JOB_COMPLETION_INDEX", "3");
    World world = World.of(new LaunchEnvironment(variables, () -> hostName));
    assertEquals(3, world.rank());
    assertEquals((int) job.getCompletions(), world.size());
    assertEquals(hostName.replace("-3.", "-0."), world.host());
    List<String> mounts = new ArrayList<>();
    container.getVolumeMounts().forEach(m -> mounts.add(m.getName()));
    List<String> volumes = new ArrayList<>();
    pod.getVolumes().forEach(v -> volumes.add(v.getName()));
    assertEquals(volumes, mounts);
  }

  @Test
  void anIndexedJobBehindAHeadlessService() throws IOException {
    List<JsonNode> all = documents("indexed-job.yaml");
    Service service = typed(all.get(0), Service.class);
    requireKnown(service.getSpec(), "the service");
    assertEquals("None", service.getSpec().getClusterIP());
    assertEquals(World.DEFAULT_PORT, service.getSpec().getPorts().get(0).getPort());
    Job job = typed(all.get(1), Job.class);
    PodSpec pod = job.getSpec().getTemplate().getSpec();
    assertEquals(service.getMetadata().getName(), pod.getSubdomain());
    assertEquals(
        job.getMetadata().getName(), service.getSpec().getSelector().get("job-name"), "its pods");
    requireRanks(pod, job.getSpec(), "tlora-train-3.tlora-ranks.default.svc.cluster.local");
  }

  @Test
  void aJobSet() throws IOException {
    JsonNode set = documents("jobset.yaml").get(0);
    assertEquals("jobset.x-k8s.io/v1alpha2", set.path("apiVersion").asText());
    JsonNode ranks = set.path("spec").path("replicatedJobs").get(0);
    JobSpec job = typed(ranks.path("template").path("spec"), JobSpec.class);
    String pod = set.path("metadata").path("name").asText() + "-" + ranks.path("name").asText();
    requireRanks(job.getTemplate().getSpec(), job, pod + "-0-3.tlora");
  }

  @Test
  void aTrainJobOfKubeflow() throws IOException {
    JsonNode job = documents("trainjob.yaml").get(0);
    assertEquals("trainer.kubeflow.org/v1alpha1", job.path("apiVersion").asText());
    JsonNode trainer = job.path("spec").path("trainer");
    List<String> arguments = new ArrayList<>();
    trainer.path("args").forEach(a -> arguments.add(a.asText()));
    requireCommand(arguments);
    ResourceRequirements resources =
        typed(trainer.path("resourcesPerNode"), ResourceRequirements.class);
    assertEquals("8", resources.getLimits().get("cpu").toString());
    PodSpec pod =
        typed(
            job.at(
                "/spec/runtimePatches/0/trainingRuntimeSpec/template/spec/replicatedJobs/0"
                    + "/template/spec/template/spec"),
            PodSpec.class);
    requireKnown(pod, "the patch");
    assertEquals(1, pod.getContainers().get(0).getVolumeMounts().size());
    Map<String, String> told =
        Map.of(
            "PET_NNODES",
            trainer.path("numNodes").asText(),
            "PET_NPROC_PER_NODE",
            trainer.path("numProcPerNode").asText(),
            "PET_NODE_RANK",
            "2",
            "PET_MASTER_ADDR",
            "tlora-node-0-0.tlora",
            "PET_MASTER_PORT",
            "29400");
    World world = World.of(new LaunchEnvironment(told, () -> "unused"));
    assertEquals(4, world.size());
    assertEquals("tlora-node-0-0.tlora", world.host());
  }
}
