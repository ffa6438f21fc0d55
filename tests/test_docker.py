"""What ships for containers is well formed, and what the image would run is run as processes."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml

from trax.testing.servers import PrefectServer, free_ports, kill_family
from trax.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
GPU = yaml.safe_load((DOCKER / "compose.gpu.yaml").read_text())
BIN = Path(sys.executable).parent


def checked(*command):
    """Run a checker that is installed beside Python."""
    program = BIN / command[0]
    if not program.exists():
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


class TestFiles:
    def test_the_image_passes_hadolint(self):
        """Pinned, non-root, no caches left."""
        checked("hadolint", "docker/Dockerfile")

    def test_compose_files_follow_the_specification(self):
        """By its published schema."""
        files = ("docker/compose.yaml", "docker/compose.gpu.yaml")
        checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *files)

    def test_manifests_follow_the_schemas_of_kubernetes(self):
        """Nothing that it does not know."""
        files = ("docker/kubernetes/trax.yaml", "docker/kubernetes/service.yaml")
        checked("kubernetes-validate", "--strict", *files)

    def test_scripts_are_shell(self):
        """Of the plainest kind."""
        for script in DOCKER.glob("*.sh"):
            subprocess.run(["sh", "-n", script], check=True)


class TestCompose:
    def test_everything_starts_once_what_it_needs_is_healthy(self):
        """Each service that others wait for says when it is."""
        for name, service in COMPOSE["services"].items():
            for needed, how in service.get("depends_on", {}).items():
                other = COMPOSE["services"][needed]
                if how["condition"] == "service_healthy":
                    assert "test" in other["healthcheck"], (name, needed)
                else:
                    assert how["condition"] == "service_completed_successfully"

    @pytest.mark.parametrize("name", COMPOSE["services"])
    def test_every_service_has_limits(self, name):
        """Of memory and processors."""
        limits = COMPOSE["services"][name]["deploy"]["resources"]["limits"]
        assert limits.keys() == {"cpus", "memory"}

    def test_ports_are_for_this_machine_alone(self):
        """Nothing has a password of its own in front."""
        for service in COMPOSE["services"].values():
            assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))

    def test_no_secret_is_in_a_file_that_is_kept(self):
        """They are made on the machine, and git and the image leave them out."""
        for service in COMPOSE["services"].values():
            for name, value in service.get("environment", {}).items():
                assert not any(
                    word in name for word in ("PASSWORD", "SECRET", "KEY")
                ) or name.endswith("_FILE"), value
        assert "docker/secrets/" in (ROOT / ".gitignore").read_text()
        assert (ROOT / ".dockerignore").read_text().startswith("*\n")

    def test_the_engine_alone_has_the_gpu(self):
        """Reserved."""
        assert list(GPU["services"]) == ["engine"]
        (device,) = GPU["services"]["engine"]["deploy"]["resources"]["reservations"]["devices"]
        assert device["capabilities"] == ["gpu"]

    def test_secrets_are_made_once(self, tmp_path):
        """Doing it again keeps them."""
        script = tmp_path / "secrets.sh"
        script.write_text((DOCKER / "secrets.sh").read_text())
        texts = []
        for _ in range(2):
            subprocess.run(["sh", script], check=True)
            texts.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
        assert texts[0] == texts[1]
        assert texts[0].keys() == {Path(each["file"]).name for each in COMPOSE["secrets"].values()}
        assert len(texts[0]["postgres_password"]) == 48


class TestKubernetes:
    def test_pods_are_scaled_by_what_waits(self):
        """The one that has the GPU."""
        documents = list(yaml.safe_load_all((DOCKER / "kubernetes" / "scaling.yaml").read_text()))
        deployments = {
            each["metadata"]["name"]: each
            for each in yaml.safe_load_all((DOCKER / "kubernetes" / "trax.yaml").read_text())
            if each["kind"] == "Deployment"
        }
        (scaled,) = [each["spec"] for each in documents if each["kind"] == "ScaledObject"]
        pod = deployments[scaled["scaleTargetRef"]["name"]]["spec"]["template"]["spec"]
        assert "nvidia.com/gpu" in json.dumps(pod["containers"])
        assert pod["securityContext"]["runAsNonRoot"]

    def test_the_service_is_replaced_and_scaled_without_a_gap(self):
        """It is asked whether it lives and whether it is ready; budget and scaling name it."""
        documents = yaml.safe_load_all((DOCKER / "kubernetes" / "service.yaml").read_text())
        kinds = {each["kind"]: each for each in documents}
        deployment = kinds["Deployment"]["spec"]
        pod = deployment["template"]
        (container,) = pod["spec"]["containers"]
        probes = {
            name: container[f"{name}Probe"]["httpGet"]["path"]
            for name in ("startup", "liveness", "readiness")
        }
        assert probes == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
        labels = pod["metadata"]["labels"]
        assert kinds["Service"]["spec"]["selector"] == labels
        assert kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
        scaled = kinds["HorizontalPodAutoscaler"]["spec"]
        assert scaled["scaleTargetRef"]["name"] == kinds["Deployment"]["metadata"]["name"]
        assert scaled["minReplicas"] > kinds["PodDisruptionBudget"]["spec"]["minAvailable"]
        assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@pytest.mark.server
class TestServiceRole:
    @pytest.fixture
    def image(self, tmp_path):
        """What the image sets for a service, with folders of this test."""
        values = {
            "TRAX_HOME": str(tmp_path / "t"),
            "TRAX_ROOMS": str(ROOT),
            "TRAX_OFFLINE": "1",
            "TRAX_ENGINE": "off",
            "TRAX_RUNNER": "local",
            "TRAX_HOST": "127.0.0.1",
            "TRAX_SERVICE_PORT": str(free_ports(1)[0]),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        return os.environ | values

    def role(self, image, *arguments):
        return subprocess.Popen(["sh", DOCKER / "entrypoint.sh", *arguments], env=image)

    def is_ready(self, service, image) -> bool:
        assert service.poll() is None, "the service has ended"
        return self.role(image, "healthy", "serve").wait(60) == 0

    def test_it_says_when_it_is_ready_and_ends_when_it_is_told_to(self, image):
        """Before it answers it is not healthy."""
        assert self.role(image, "healthy", "serve").wait(60) != 0
        service = self.role(image, "serve")
        try:
            wait_until(lambda: self.is_ready(service, image), what="the service")
            service.send_signal(signal.SIGTERM)
            assert service.wait(60) == 0
        finally:
            service.kill()


class TestTemplates:
    @pytest.mark.parametrize("kind", ["process", "docker", "kubernetes"])
    def test_every_value_of_a_job_has_a_variable(self, kind):
        """And every variable a title and a word on what it is."""
        template = yaml.safe_load((ROOT / "deployments" / "pools" / f"{kind}.yaml").read_text())
        properties = template["variables"]["properties"]
        text = json.dumps(template["job_configuration"])
        used = {part.split("}}")[0].strip() for part in text.split("{{")[1:]}
        assert used == set(properties)
        assert all(each["title"] and each["description"] for each in properties.values())


@pytest.mark.prefect
class TestEntrypoint:
    @pytest.fixture
    def image(self, tmp_path_factory):
        """What the image sets, with folders of this test."""
        home = tmp_path_factory.mktemp("i")
        server = PrefectServer(home / "prefect")
        values = {
            "TRAX_HOME": str(home / "t"),
            "TRAX_ENGINES_DIR": str(home / "e"),
            "TRAX_ROOMS": str(ROOT),
            "TRAX_OFFLINE": "1",
            "TRAX_HEALTH_PORT": str(free_ports(1)[0]),
            "HOME": str(home),
        }
        yield server, os.environ | server.environment | values, home
        server.stop()

    def role(self, environment, *arguments, **options):
        return subprocess.run(
            ["sh", DOCKER / "entrypoint.sh", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **options,
        )

    def started(self, environment, name, log):
        with log.open("wb") as file:
            return subprocess.Popen(
                ["sh", DOCKER / "entrypoint.sh", name],
                env=environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    def is_healthy(self, environment, name, process, log) -> bool:
        assert process.poll() is None, log.read_text()
        return self.role(environment, "healthy", name).returncode == 0

    def test_each_role_runs_says_that_it_is_healthy_and_ends(self, image):
        """Set-up, engine and worker, as processes; the command line as well."""
        server, environment, home = image
        port = server.url.rsplit(":", 1)[1]
        assert (
            self.role(environment | {"TRAX_SERVER_PORT": port}, "healthy", "server").returncode == 0
        )
        made = self.role(environment, "setup", "--type", "process", "--folder", str(home / "in"))
        assert made.returncode == 0, made.stderr
        assert "work pool         gpu" in made.stdout
        assert "report/report" in made.stdout
        assert self.role(environment, "--version").stdout.startswith("trax ")
        for name in ("engine", "worker"):
            assert self.role(environment, "healthy", name).returncode != 0
            log = home / f"{name}.log"
            process = self.started(environment, name, log)
            try:
                is_healthy = partial(self.is_healthy, environment, name, process, log)
                wait_until(is_healthy, what=f"{name}, whose log is {log}")
                process.send_signal(signal.SIGTERM)
                process.wait(60)
            finally:
                kill_family(process)
