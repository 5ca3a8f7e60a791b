"""One module per external system; boto3 and HTTP are used nowhere else."""
