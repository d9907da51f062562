"""Runs the workflows: python -m outbound_calls.worker"""

import asyncio

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from .child import FollowUp
from .nexus import FollowUpViaNexus

FOLLOW_UPS_TASK_QUEUE = "follow-ups-python"


async def main() -> None:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    worker = Worker(client, task_queue=FOLLOW_UPS_TASK_QUEUE, workflows=[FollowUp, FollowUpViaNexus])
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
