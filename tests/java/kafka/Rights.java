import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What users of a broker may, and how much; librdkafka has no such requests. `BOOTSTRAP deny OPERATION TOPIC USER` and `allow`, which takes that back;
 * `BOOTSTRAP quota CLIENT_ID BYTES` per second of what is produced, 0 for none.
 */
public final class Rights {
  private Rights() {}

  public static void main(String[] args) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
      switch (args[1]) {
        case "deny" -> admin.createAcls(List.of(denied(args))).all().get();
        case "allow" -> admin.deleteAcls(List.of(denied(args).toFilter())).all().get();
        case "quota" -> {
          ClientQuotaEntity client = new ClientQuotaEntity(Collections.singletonMap(ClientQuotaEntity.CLIENT_ID, args[2]));
          double bytes = Double.parseDouble(args[3]);
          var rate = new ClientQuotaAlteration.Op("producer_byte_rate", bytes == 0 ? null : bytes);
          admin.alterClientQuotas(List.of(new ClientQuotaAlteration(client, List.of(rate)))).all().get();
        }
        default -> throw new IllegalArgumentException(args[1]);
      }
    }
  }

  private static AclBinding denied(String[] args) {
    ResourcePattern topic = new ResourcePattern(ResourceType.TOPIC, args[3], PatternType.LITERAL);
    return new AclBinding(topic, new AccessControlEntry("User:" + args[4], "*", AclOperation.valueOf(args[2]), AclPermissionType.DENY));
  }
}
