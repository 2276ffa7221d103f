package dev.windrow.flink;

import org.apache.flink.table.api.dataview.MapView;

/** Flink's map state as {@link EventTree} sees it. */
record ViewStore(MapView<Long, byte[]> view) implements EventTree.Store {
  @Override
  public byte[] get(long id) throws Exception {
    return view.get(id);
  }

  @Override
  public void put(long id, byte[] node) throws Exception {
    view.put(id, node);
  }

  @Override
  public void remove(long id) throws Exception {
    view.remove(id);
  }
}
